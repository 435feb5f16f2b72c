#pragma once

#include <cstdint>

namespace steno::sandbox {

/// Sanitizers reserve terabytes of address space, need more system calls, and make code ten times
/// slower: limits are wider there.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif
#else
inline constexpr bool kIsSanitized = false;
#endif

/// Limits of a child.
struct Limits {
  /// Address space in addition to `base_bytes`.
  std::uint64_t memory_bytes = std::uint64_t{256} << 20;
  /// Processor time until the first call of grant_processor_time().
  int processor_seconds = 8;
  /// Address space of the program itself. The helper process fills it in.
  std::uint64_t base_bytes = 0;

  bool operator==(const Limits&) const = default;
};

/// Which parts of the confinement the kernel has. Limits of memory, processor time and descriptors
/// and the ban on new privileges are always there.
struct Protection {
  bool system_calls = false;  ///< seccomp: no system call but harmless ones
  bool files = false;         ///< Landlock: no file and, since Linux 6.7, no TCP connection
};

/// Confines this process for the rest of its life: no descriptor can be opened, no process started,
/// no executable memory mapped, no limit exceeded. Descriptors that are open remain usable. Returns
/// the parts that took effect.
Protection confine(const Limits& limits);

/// For tasks: this process may use `seconds` of processor time from now on. It is killed when it
/// has used them up.
void grant_processor_time(int seconds);

}  // namespace steno::sandbox
