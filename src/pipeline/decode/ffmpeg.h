#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
}

#include <memory>
#include <string>

/// FFmpeg's objects with owners. Only for the .cc files of this folder.
namespace steno::decode {

struct FreeCodecContext {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
using CodecContextPtr = std::unique_ptr<AVCodecContext, FreeCodecContext>;

struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using PacketPtr = std::unique_ptr<AVPacket, FreePacket>;

struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
using FramePtr = std::unique_ptr<AVFrame, FreeFrame>;

struct FreeResampler {
  void operator()(SwrContext* context) const { swr_free(&context); }
};
using ResamplerPtr = std::unique_ptr<SwrContext, FreeResampler>;

struct CloseFormat {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
using FormatContextPtr = std::unique_ptr<AVFormatContext, CloseFormat>;

/// FFmpeg's words for one of its error codes.
std::string error_text(int code);

/// What FFmpeg has said.
struct Log {
  std::string text;  ///< the last few KB of its warnings and errors
  long errors = 0;   ///< lines that were errors, all of them
};

/// While it lives, what FFmpeg logs as a warning or worse on this thread is added to `log`. What it
/// logs elsewhere is dropped: the first LogCapture of the process sets FFmpeg's one log callback.
class LogCapture {
 public:
  explicit LogCapture(Log& log);
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

 private:
  Log* outer_;
};

}  // namespace steno::decode
