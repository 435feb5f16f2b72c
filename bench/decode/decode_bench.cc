// decode_bench ROUNDS FILE...: what decoding in a child costs, compared with decoding in the
// process itself. Both take turns. Prints rows of a Markdown table. Memory is seen by root only.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "pipeline/decode/decode.h"
#include "pipeline/decode/local_decoder.h"
#include "sandbox/sandbox.h"

namespace {

using steno::Result;
using namespace steno::decode;
using Opened = Result<std::unique_ptr<Decoder>>;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

void check(const Opened& decoder) {
  if (decoder) return;
  std::fprintf(stderr, "%s\n", decoder.error().message.c_str());
  std::exit(1);
}

/// Seconds to the first samples, and to the end.
struct Times {
  double first = 0;
  double all = 0;
};

template <class Open>
Times measure(const Open& open) {
  const auto begin = std::chrono::steady_clock::now();
  const Opened decoder = open();
  check(decoder);
  std::vector<std::vector<float>> block;
  Times times;
  while ((*decoder)->read(block).value_or(false)) {
    if (times.first == 0) times.first = seconds_since(begin);
  }
  times.all = seconds_since(begin);
  return times;
}

/// Megabytes that only this child has, after its first samples; 0 if the system does not tell.
double private_megabytes(const steno::sandbox::Sandbox& sandbox, const Decoders& decoders,
                         const Source& source) {
  const Opened decoder = decoders.open(source);
  check(decoder);
  const std::string helper = std::to_string(sandbox.helper());
  std::ifstream children("/proc/" + helper + "/task/" + helper + "/children");
  double most = 0;  // the spare child has less
  for (std::string child; children >> child;) {
    std::ifstream rollup("/proc/" + child + "/smaps_rollup");
    double kilobytes = 0;
    for (std::string line; std::getline(rollup, line);) {
      if (line.starts_with("Private_")) kilobytes += std::atof(line.c_str() + line.find(':') + 1);
    }
    most = std::max(most, kilobytes / 1024);
  }
  return most;
}

}  // namespace

int main(int argc, char** argv) {
  const steno::sandbox::Sandbox sandbox(decode_in_child,
                                        {.prepare = prepare_decoding, .keeps_spare = true});
  const Decoders decoders(sandbox);
  const int rounds = argc > 2 ? std::atoi(argv[1]) : 0;
  for (int i = 2; i < argc; ++i) {
    const auto source = Source::file(argv[i]);
    std::vector<double> first;
    std::vector<double> all;
    std::vector<double> here;
    for (int round = 0; round < rounds; ++round) {
      const Times in_process = measure([&] { return open_local(source); });
      const Times in_child = measure([&] { return decoders.open(source); });
      first.push_back(1000 * (in_child.first - in_process.first));
      all.push_back(1000 * (in_child.all - in_process.all));
      here.push_back(1000 * in_process.all);
    }
    std::printf("| %s | %.1f ms | %+.1f ms | %+.1f ms | %.1f MB |\n",
                std::filesystem::path(argv[i]).filename().c_str(), median(here), median(first),
                median(all), private_megabytes(sandbox, decoders, source));
  }
  return 0;
}
