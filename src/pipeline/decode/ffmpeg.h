#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
}

#include <memory>
#include <string>

/// FFmpeg's objects with owners. Private to the .cc files of this folder.
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

/// FFmpeg's text for one of its error codes.
std::string error_text(int code);

/// Messages of FFmpeg.
struct Log {
  std::string text;  ///< the last 4 KB of warnings and errors
  long errors = 0;   ///< number of errors
};

/// While it lives, it adds FFmpeg's warnings and errors of this thread to `log`. Messages of
/// threads without a LogCapture are dropped. The first LogCapture sets the log callback of the
/// process.
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
