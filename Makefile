# One target for each task. Every target does its own set-up, which costs nothing if everything exists.
#
#   make          set-up, build, fast tests         make format   clang-format over all sources
#   make test     all tests                         make lint     layers, scripts, clang-tidy
#   make demo     transcribe a real recording       make bench    figures of docs/benchmarks.md
#   make asan     unit tests, address and UB        make fuzz     each fuzz target for FUZZ_SECONDS
#   make tsan     unit tests, data races            make dev      a build for the debugger
#   make mutated  300 mutated recordings, sandboxed make clean    remove the build folders
#   make setup    only the set-up

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := fast
.PHONY: fast setup build test demo dev asan tsan fuzz mutated bench format lint clean

SETUP := tools/setup/setup.sh
PYTHON := /usr/bin/python3
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
MUTATED_FILES ?= 300
# Adds int8 weights to the models, once.
CONVERT := build/steno models convert --quiet base tiny.en
export JOBS PYTHON

setup:
	@$(SETUP) build test

build: setup
	@cmake --preset release >/dev/null
	@ninja -C build -j $(JOBS)
	@$(CONVERT)

fast: build
	@tools/run_unit_tests.sh build

test: build
	@tools/run_unit_tests.sh build
	@$(PYTHON) -m pytest -q -p no:cacheprovider tests tools

# Configured only once and without tests, so that the demo starts soon.
build/build.ninja:
	@$(SETUP) build
	@cmake --preset release -D STENO_TESTS=OFF >/dev/null

demo: build/build.ninja
	@$(SETUP) build
	@ninja -C build -j $(JOBS) steno
	@$(CONVERT)
	@tools/demo.sh

# ThreadSanitizer slows the models by a factor of fifty and cannot check CTranslate2. Therefore only
# multi-threaded tests of real models run. Tests that count threads fail, because it has a thread itself.
OMIT_tsan := -E 'MakesTheThreadsAndReplicas|NeedsNoHelpers|/ctranslate2|EngineContract\.[^S]|OptionEffects|Noise\.|LargeVocabulary|DetectsEnglish|OfTheRealModel|StoredAudio'

dev asan tsan: setup
	@cmake --preset $@ >/dev/null
	@ninja -C build-$@ -j $(JOBS)
	@[[ $@ == dev ]] || tools/run_unit_tests.sh build-$@ $(OMIT_$@)

fuzz:
	@$(SETUP) build fuzz
	@cmake --preset fuzz >/dev/null
	@ninja -C build-fuzz -j $(JOBS)
	@tools/run_fuzz_targets.sh build-fuzz $(FUZZ_SECONDS)

# Recordings whose headers, tracks and lengths were changed. The unit tests run 60 of them.
mutated: build
	@STENO_MUTATED_FILES=$(MUTATED_FILES) build/tests/steno_unit_tests --gtest_filter='MutatedFiles.*'

bench:
	@$(SETUP) build bench
	@cmake --preset release >/dev/null
	@ninja -C build -j $(JOBS) steno steno_scripted_worker steno_decode_bench
	@bench/run.sh $(BENCH)

format:
	@$(SETUP) format
	@git ls-files '*.h' '*.cc' | xargs clang-format -i

lint: setup
	@$(SETUP) lint
	@tools/lint.sh

clean:
	rm -rf build build-*
