// Samples: durations of one measured step, and their order statistics.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace onggi::bench {

class Samples {
 public:
  void Add(int64_t nanoseconds) { values_.push_back(nanoseconds); }
  size_t size() const { return values_.size(); }

  // FRACTION 0.5 is the median; 0 when there are no samples. Milliseconds.
  double Quantile(double fraction) const {
    if (values_.empty()) return 0;
    std::vector<int64_t> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    auto index = static_cast<size_t>(fraction * static_cast<double>(sorted.size() - 1) + 0.5);
    return static_cast<double>(sorted[index]) / 1e6;
  }

 private:
  std::vector<int64_t> values_;
};

// One line of the table: name, count, median, p90, p99 in milliseconds.
inline void PrintRow(const std::string& name, const Samples& samples) {
  (void)printf("%-28s %6zu %10.3f %10.3f %10.3f\n", name.c_str(), samples.size(),
               samples.Quantile(0.5), samples.Quantile(0.9), samples.Quantile(0.99));
}

inline void PrintHeading() {
  (void)printf("%-28s %6s %10s %10s %10s\n", "step", "runs", "median ms", "p90 ms", "p99 ms");
}

}  // namespace onggi::bench
