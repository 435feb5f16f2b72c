#include "worker/proof_of_life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

#include "unit/base/temporary_folder.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ProofOfLife, IsThereAsLongAsTheWorker) {
  TemporaryFolder folder;
  EXPECT_THAT(dead_workers(folder / "workers"), IsEmpty());
  {
    const ProofOfLife alive(folder / "workers", "w1");
    EXPECT_THAT(dead_workers(folder / "workers"), IsEmpty());
    EXPECT_THROW(ProofOfLife(folder / "workers" / "w1.lock", "w2"), std::system_error);
  }
  EXPECT_THAT(dead_workers(folder / "workers"), IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(folder / "workers"));
}

TEST(ProofOfLife, TellsOfAWorkerThatWasKilled) {
  TemporaryFolder folder;
  int made[2];
  ASSERT_EQ(pipe(made), 0);
  const pid_t child = fork();
  if (child == 0) {
    const ProofOfLife alive(folder.path(), "killed");
    if (write(made[1], "x", 1) != 1) _exit(1);
    while (true) pause();
  }
  char byte = 0;
  ASSERT_EQ(read(made[0], &byte, 1), 1);
  close(made[0]);
  close(made[1]);
  EXPECT_THAT(dead_workers(folder.path()), IsEmpty());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_THAT(dead_workers(folder.path()), ElementsAre("killed"));
  forget_worker(folder.path(), "killed");
  EXPECT_THAT(dead_workers(folder.path()), IsEmpty());
}

TEST(ProofOfLife, HasANewNameEachTime) { EXPECT_NE(new_worker_name(), new_worker_name()); }

}  // namespace
}  // namespace steno
