#include "app/terminal/printable.h"

namespace steno::app {

std::string printable(std::string text) {
  for (char& byte : text) {
    if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) byte = '?';
  }
  return text;
}

bool is_printable(const std::string& text) { return printable(text) == text; }

}  // namespace steno::app
