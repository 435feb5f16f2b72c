#pragma once

namespace CLI {
class Validator;
}

namespace steno::app {

/// Accepts a number from `low` to `high`. Unlike CLI::Range it refuses "nan".
CLI::Validator number_between(double low, double high);

}  // namespace steno::app
