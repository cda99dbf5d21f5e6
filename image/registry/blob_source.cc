#include "image/registry/blob_source.h"

#include <algorithm>

#include "base/strings.h"

namespace onggi {
namespace {

// "bytes 100-199/200" -> 100.
std::optional<uint64_t> RangeStart(std::string_view content_range) {
  if (!content_range.starts_with("bytes ")) return std::nullopt;
  content_range.remove_prefix(6);
  return ParseUint(content_range.substr(0, content_range.find('-')));
}

}  // namespace

BlobSource::BlobSource(std::vector<std::shared_ptr<RegistryClient>> clients, BlobRequest request)
    : clients_(std::move(clients)), request_(std::move(request)), position_(request_.offset) {
  CHECK(!clients_.empty());
}

Result<> BlobSource::ConnectTo(RegistryClient& client) {
  RegistryCall call;
  call.path = "/" + request_.repository + "/blobs/" + request_.blob.digest.text();
  if (position_ > 0) {
    call.headers.emplace_back("Range", "bytes=" + std::to_string(position_) + "-");
  }
  TRY_ASSIGN(answer_, client.Send(call, request_.cancel));
  uint64_t expected = request_.blob.size;
  if (answer_->status == 206 && position_ > 0) {
    if (RangeStart(answer_->Header("content-range")) != position_) {
      return Unavailable("the answer is another range than was asked for");
    }
    expected -= position_;
    skip_ = 0;
  } else if (answer_->status == 200) {
    skip_ = position_;
  } else {
    return ErrorOfAnswer(*answer_);
  }
  auto length = answer_->ContentLength();
  if (length && *length != expected) {
    return Error(Code::kDataLoss, "expected " + std::to_string(expected) + " bytes, got " +
                                      std::to_string(*length) + " announced");
  }
  return Ok();
}

Result<> BlobSource::Connect() {
  RegistryClient& client = *clients_[client_];
  return ConnectTo(client).Wrap("blob " + request_.blob.digest.text() + " from " +
                                client.endpoint().base.Origin());
}

Result<bool> BlobSource::Recover(Error error) {
  answer_.reset();
  if (error.code() == Code::kCancelled) return error;
  bool nobody_there = error.sys_errno() == ECONNREFUSED;
  bool broken = error.code() == Code::kUnavailable && !nobody_there;
  if (broken && ++failures_ < retry_.attempts) {
    auto delay = std::min<std::chrono::milliseconds>(retry_.first_delay * (1 << failures_),
                                                     retry_.longest_delay);
    TRY(SleepFor(delay, request_.cancel));
    return true;
  }
  if (client_ + 1 >= clients_.size()) return error;
  ++client_;
  failures_ = 0;
  return true;
}

Result<size_t> BlobSource::Read(std::span<char> buffer) {
  while (position_ < request_.blob.size) {
    Result<> connected = answer_ ? Ok() : Connect();
    Result<size_t> got = size_t{0};
    if (connected) {
      got = answer_->Read(buffer);
      if (got && *got == 0) {
        got =
            Unavailable("blob " + request_.blob.digest.text() + ": the connection ended at byte " +
                        std::to_string(position_) + " of " + std::to_string(request_.blob.size));
      }
    } else {
      got = std::move(connected).error();
    }
    if (!got) {
      TRY(Recover(std::move(got).error()));
      continue;
    }
    failures_ = 0;
    size_t dropped = static_cast<size_t>(std::min<uint64_t>(skip_, *got));
    skip_ -= dropped;
    size_t fresh = *got - dropped;
    if (fresh == 0) continue;
    if (dropped > 0) std::copy_n(buffer.data() + dropped, fresh, buffer.data());
    if (fresh > request_.blob.size - position_) {
      return Error(Code::kDataLoss, "blob " + request_.blob.digest.text() + ": more than the " +
                                        std::to_string(request_.blob.size) + " bytes expected");
    }
    position_ += fresh;
    return fresh;
  }
  return size_t{0};
}

}  // namespace onggi
