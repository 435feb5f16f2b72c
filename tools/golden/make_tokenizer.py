#!/usr/bin/env python3
"""Writes tests/golden/tokenizer/*.json: what the reference tokenizer makes of many texts.

Needs the package faster-whisper and installed models; the tests need only what this writes.

    python tools/golden/make_tokenizer.py [MODELS_FOLDER]
"""

import json
import os
import pathlib
import random
import sys

import tokenizers
from faster_whisper.tokenizer import Tokenizer

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "tokenizer"

# Texts that break tokenizers rather than sentences anyone would say.
HARD_TEXTS = [
    "",
    " ",
    "   ",
    "\n",
    "\t\n \r\n",
    " a",
    "a ",
    "  a  b   c    ",
    "a\n\nb\n c \n  d",
    "a\u00a0b\u2003c\u3000d \u2028e\u0085f",
    "\u200bzero\u200dwidth\ufeff",
    "I'm you're he'll we've they'd isn't 'twas 'S 'T 'LL ’s",
    "''s '' 'll's'd",
    "x1y2z3 123abc456 1 2 3 ½ Ⅷ ² ①",
    "1,234.56 -7e10 0x1F 99% €5 £6 ¥7 #8 @9",
    "...!!!???---___===+++",
    "(a) [b] {c} <d> \"e\" 'f' `g` «h» “i” ‘j’ ¿k? ¡l!",
    "<< >> <<< >>> -- --- -( -[ (' (\" (( )) ((( ))) [[ ]] {{ }}",
    "♪ la la ♪♪ ♫ ♬ ♭ ♯ ♪♪♪",
    "https://example.org/a?b=c&d=%20#e user@example.org",
    "👋 hello 🌍! 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 👍🏽 ☎️",
    "cafe\u0301 caf\u00e9 n\u0303 o\u0308\u0304 e\u0301\u0323 \u0301alone",
    "ﬁ ﬂ ﷺ ㎏ Å Å Ω Ω K K",
    "Ｆｕｌｌ　ｗｉｄｔｈ １２３",
    "日本語English混在テキスト123と🎌",
    "Привет world שלום مرحبا 你好 สวัสดี",
    "न्यूज़ क्षत्रिय श्री ज्ञ",
    "किकि க்ஷ ക്ഷ ෆ්‍ර",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 𓀀 𒀀 🀄 \U0010ffff \ue000",
    "\x00\x01\x02 \x1b[0m \x7f",
    "�� already replaced �",
    "A" * 100,
    "ab" * 200,
    " " * 300 + "x",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "ha" * 50 + "!" * 70,
    "<|endoftext|>",
    "a<|startoftranscript|><|en|><|transcribe|>b <|notimestamps|> c",
    "<|en <|xx|> |> <|en|",
    "\U0001f600" * 30,
    "e" + "\u0301" * 40,
]

WORD_TEXTS = [
    ("en", " Well, \"this\" isn't easy: 12,5 % (of all) -- e.g. here... Yes! [Laughter] ok?"),
    ("en", "No space first. state-of-the-art café naïve 👍🏽 done"),
    ("de", " Größe, Übermut und Straßenbahn; »ja«, sagte er."),
    ("fr", " L'été, c'est l'œuvre d'un garçon : voilà !"),
    ("ru", " Ёлка, палка — и всё. Привет!"),
    ("he", " שָׁלוֹם, מה שלומך? טוב."),
    ("ar", " مرحبا، كيف حالك؟ ١٢٣"),
    ("hi", " नमस्ते, आप कैसे हैं? ठीक।"),
    ("zh", "早上好，我想买十二个苹果。ABC 123 龘靐"),
    ("ja", "おはよう、世界。ｶﾀｶﾅと漢字𠮷野家"),
    ("th", "สวัสดีครับ ราคาเท่าไหร่"),
    ("lo", "ສະບາຍດີ ຂອບໃຈ"),
    ("my", "မင်္ဂလာပါ ခင်ဗျာ"),
    ("yue", "佢哋係邊度㗎？唔該"),
    ("ko", " 안녕하세요, 오늘 날씨가 어때요?"),
    ("vi", " Chào buổi sáng, bạn khỏe không?"),
    ("en", " emoji 👩‍👩‍👧‍👦 family 🏳️‍🌈 flag 🇩🇪."),
]


def random_tokens(wrapper, count):
    """Sequences of any tokens at all: half characters, special tokens and times among them."""
    source = random.Random(1)
    last = wrapper.timestamp_begin + 1500
    sequences = []
    for i in range(count):
        length = source.randrange(1, 25)
        bound = wrapper.eot if i % 3 else last
        # Low ids are single bytes: they make ill-formed UTF-8 likely.
        sequences.append(
            [
                source.randrange(256) if source.random() < 0.4 else source.randrange(bound)
                for _ in range(length)
            ]
        )
    return sequences


def words_of(tokenizer, multilingual, language, tokens):
    wrapper = Tokenizer(tokenizer, multilingual, "transcribe", language)
    words, word_tokens = wrapper.split_to_word_tokens(tokens)
    return {"language": language, "tokens": tokens, "words": words, "word_tokens": word_tokens}


def golden(tokenizer, multilingual, sentences):
    wrapper = Tokenizer(tokenizer, multilingual, "transcribe", "en")
    texts = [text for _, text in sentences] + [" " + text for _, text in sentences[:20]]
    texts += HARD_TEXTS
    encoded = [{"text": text, "tokens": wrapper.encode(text)} for text in texts]

    sequences = random_tokens(wrapper, 120)
    # Every way of cutting a text of many bytes per character.
    tokens = wrapper.encode("龘靐🏳️‍🌈ｶﾀ𠮷 שָׁלוֹם")
    sequences += [tokens[:i] for i in range(1, len(tokens))]
    sequences += [tokens[i:] for i in range(1, len(tokens))]
    begin = wrapper.timestamp_begin
    sequences.append([begin] + wrapper.encode(" Hello.") + [begin + 60, begin + 61, begin + 1500])
    decoded = [
        {
            "tokens": sequence,
            "text": wrapper.decode(sequence),
            "with_timestamps": wrapper.decode_with_timestamps(sequence),
        }
        for sequence in sequences
    ]

    words = []
    for language, text in WORD_TEXTS:
        if multilingual and tokenizer.token_to_id("<|%s|>" % language) is None:
            language = "zh"
        tokens = wrapper.encode(text)
        words.append(words_of(tokenizer, multilingual, language, tokens + [wrapper.eot]))
        words.append(words_of(tokenizer, multilingual, language, tokens[1:-1]))
    for sequence in sequences[:40]:
        for language in ("en", "ja"):
            words.append(words_of(tokenizer, multilingual, language, sequence))

    names = (
        "sot eot transcribe translate sot_prev sot_lm no_speech no_timestamps timestamp_begin"
    ).split()
    return {
        "ids": {name: getattr(wrapper, name) for name in names},
        "sot_sequence": wrapper.sot_sequence,
        "non_speech_tokens": list(wrapper.non_speech_tokens),
        "encode": encoded,
        "decode": decoded,
        "words": words,
    }


def main():
    cache = os.environ.get("STENO_CACHE", os.path.expanduser("~/.cache/steno"))
    models = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else cache + "/models")
    lines = (FOLDER / "sentences.tsv").read_text(encoding="utf-8").splitlines()
    sentences = [tuple(line.split("\t")) for line in lines]
    for name in ("base", "tiny.en"):
        tokenizer = tokenizers.Tokenizer.from_file(str(models / name / "tokenizer.json"))
        result = golden(tokenizer, not name.endswith(".en"), sentences)
        rows = ",\n".join(
            f"{json.dumps(key)}: "
            + (
                "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in value) + "\n]"
                if key in ("encode", "decode", "words")
                else json.dumps(value)
            )
            for key, value in result.items()
        )
        (FOLDER / f"{name}.json").write_text("{\n" + rows + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
