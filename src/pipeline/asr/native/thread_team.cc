#include "pipeline/asr/native/thread_team.h"

#include <algorithm>

namespace steno::asr::native {

ThreadTeam::ThreadTeam(int helpers) {
  for (int i = 0; i < helpers; ++i) {
    helpers_.emplace_back([this](const std::stop_token& stop) { help(stop); });
  }
}

ThreadTeam::~ThreadTeam() {
  for (std::jthread& helper : helpers_) helper.request_stop();
}

void ThreadTeam::run(int count, int width, const std::function<void(int)>& body) {
  const int helpers = std::min({width - 1, count - 1, static_cast<int>(helpers_.size())});
  Loop loop;
  loop.body = &body;
  loop.count = count;
  loop.wanted = std::max(0, helpers);
  if (loop.wanted > 0) {
    const MutexLock lock(mutex_);
    loops_.push_back(&loop);
    asked_.notify_all();
  }
  work(loop);
  if (helpers > 0) {
    const MutexLock lock(mutex_);
    loops_.remove(&loop);
    left_.wait(mutex_, [&] { return loop.joined == 0; });
  }
  const MutexLock lock(loop.failing);
  if (loop.failure) std::rethrow_exception(loop.failure);
}

void ThreadTeam::work(Loop& loop) {
  try {
    for (int i = loop.next++; i < loop.count; i = loop.next++) (*loop.body)(i);
  } catch (...) {
    const MutexLock lock(loop.failing);
    if (!loop.failure) loop.failure = std::current_exception();
    loop.next = loop.count;
  }
}

void ThreadTeam::help(const std::stop_token& stop) {
  MutexLock lock(mutex_);
  const auto open = [this]() REQUIRES(mutex_) {
    return std::find_if(loops_.begin(), loops_.end(), [](Loop* l) { return l->wanted > 0; });
  };
  while (asked_.wait(mutex_, stop, [&]() REQUIRES(mutex_) { return open() != loops_.end(); })) {
    Loop& loop = **open();
    --loop.wanted;
    ++loop.joined;
    lock.unlock();
    work(loop);
    lock.lock();
    if (--loop.joined == 0) left_.notify_all();
  }
}

}  // namespace steno::asr::native
