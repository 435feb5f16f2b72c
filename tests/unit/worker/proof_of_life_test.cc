#include "worker/proof_of_life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <stdexcept>
#include <system_error>

#include "unit/base/temporary_folder.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Runs `work` in another process, which then lives until it is killed.
pid_t start_child(const std::function<void()>& work) {
  int done[2];
  if (pipe(done) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    work();
    if (write(done[1], "x", 1) != 1) _exit(1);
    while (true) pause();
  }
  char byte = 0;
  EXPECT_EQ(read(done[0], &byte, 1), 1);
  close(done[0]);
  close(done[1]);
  return child;
}

void kill_child(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST(ProofOfLife, IsThereAsLongAsTheWorker) {
  TemporaryFolder folder;
  EXPECT_THAT(dead_workers(folder / "workers"), IsEmpty());
  {
    const auto alive = ProofOfLife::take(folder / "workers", "w1").value();
    EXPECT_THAT(known_workers(folder / "workers"), ElementsAre("w1"));
    EXPECT_THAT(dead_workers(folder / "workers"), IsEmpty());
    EXPECT_FALSE(bury_worker(folder / "workers", "w1", [] { FAIL(); }));
    EXPECT_THROW((void)ProofOfLife::take(folder / "workers" / "w1.lock", "w2"), std::system_error);
  }
  EXPECT_THAT(dead_workers(folder / "workers"), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(folder / "workers"));
}

TEST(ProofOfLife, ReportsAKilledWorker) {
  TemporaryFolder folder;
  std::unique_ptr<ProofOfLife> proof;
  const pid_t child =
      start_child([&] { proof = ProofOfLife::take(folder.path(), "killed").value(); });
  EXPECT_THAT(dead_workers(folder.path()), IsEmpty());
  kill_child(child);
  EXPECT_THAT(dead_workers(folder.path()), ElementsAre("killed"));
  EXPECT_THROW(bury_worker(folder.path(), "killed", [] { throw std::runtime_error("not now"); }),
               std::runtime_error);
  EXPECT_THAT(dead_workers(folder.path()), ElementsAre("killed"));
  EXPECT_TRUE(bury_worker(folder.path(), "killed", [&] {
    EXPECT_EQ(ProofOfLife::take(folder.path(), "killed").error().code, Errc::conflict);
  }));
  EXPECT_THAT(dead_workers(folder.path()), IsEmpty());
}

TEST(ProofOfLife, IsOfOneWorkerOfAName) {
  TemporaryFolder folder;
  std::unique_ptr<ProofOfLife> proof;
  const pid_t child = start_child([&] { proof = ProofOfLife::take(folder.path(), "w1").value(); });
  const auto second = ProofOfLife::take(folder.path(), "w1");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
  EXPECT_THAT(second.error().message, HasSubstr("w1"));
  kill_child(child);
  const auto next = ProofOfLife::take(folder.path(), "w1");
  EXPECT_TRUE(next);
  EXPECT_THAT(dead_workers(folder.path()), IsEmpty());
}

TEST(ProofOfLife, HasANewNameEachTime) { EXPECT_NE(new_worker_name(), new_worker_name()); }

}  // namespace
}  // namespace steno
