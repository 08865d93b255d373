// Preloaded into capcam (LD_PRELOAD): the n-th call of a function on files whose path holds a text fails.
//   CAPCAM_FAULT=write:3:ENOSPC:/out/      the third write to a file whose path contains /out/
//   CAPCAM_FAULT=write:3+:ENOSPC:/out/     the third and all after it
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Fault {
  std::string call, path;
  long at = 0;
  bool from_then_on = false;
  int error = 0;
};

int error_named(const std::string& name) {
  if (name == "EIO") return EIO;
  if (name == "ENOSPC") return ENOSPC;
  if (name == "EINTR") return EINTR;
  if (name == "ENOLCK") return ENOLCK;
  std::abort();
}

Fault read_fault() {
  Fault fault;
  const char* text = std::getenv("CAPCAM_FAULT");
  if (text == nullptr) return fault;
  std::string parts[4], rest = text;
  for (std::string& part : parts) {
    const std::size_t colon = rest.find(':');
    part = rest.substr(0, colon);
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
  }
  fault.call = parts[0];
  fault.at = std::atol(parts[1].c_str());
  fault.from_then_on = parts[1].back() == '+';
  fault.error = error_named(parts[2]);
  fault.path = parts[3];
  return fault;
}

// Left to the end of the process: calls come while destructors run.
const Fault& fault() {
  static const Fault& read = *new Fault(read_fault());
  return read;
}

bool fails(const char* call, const char* path) {
  const Fault& wanted = fault();
  if (wanted.call != call || path == nullptr || std::strstr(path, wanted.path.c_str()) == nullptr) return false;
  static std::atomic<long> count{0};
  const long now = ++count;
  if (wanted.from_then_on ? now < wanted.at : now != wanted.at) return false;
  errno = wanted.error;
  return true;
}

bool fails(const char* call, int file) {
  if (fault().call != call) return false;
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ::ssize_t length = ::readlink(link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = '\0';
  return fails(call, path);
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

int open_with(const char* name, const char* path, int flags, ::mode_t mode) {
  if (fails("open", path)) return -1;
  return real<int (*)(const char*, int, ::mode_t)>(name)(path, flags, mode);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = static_cast<::mode_t>(va_arg(more, int));
  va_end(more);
  return open_with("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = static_cast<::mode_t>(va_arg(more, int));
  va_end(more);
  return open_with("open64", path, flags, mode);
}
::ssize_t read(int file, void* to, std::size_t bytes) {
  return fails("read", file) ? -1 : real<::ssize_t (*)(int, void*, std::size_t)>("read")(file, to, bytes);
}
::ssize_t pread64(int file, void* to, std::size_t bytes, ::off64_t at) {
  return fails("read", file) ? -1
                             : real<::ssize_t (*)(int, void*, std::size_t, ::off64_t)>("pread64")(file, to, bytes, at);
}
::ssize_t write(int file, const void* from, std::size_t bytes) {
  return fails("write", file) ? -1 : real<::ssize_t (*)(int, const void*, std::size_t)>("write")(file, from, bytes);
}
::ssize_t pwrite64(int file, const void* from, std::size_t bytes, ::off64_t at) {
  return fails("write", file)
             ? -1
             : real<::ssize_t (*)(int, const void*, std::size_t, ::off64_t)>("pwrite64")(file, from, bytes, at);
}
int fsync(int file) { return fails("fsync", file) ? -1 : real<int (*)(int)>("fsync")(file); }
int fdatasync(int file) { return fails("fsync", file) ? -1 : real<int (*)(int)>("fdatasync")(file); }
int ftruncate64(int file, ::off64_t bytes) {
  return fails("ftruncate", file) ? -1 : real<int (*)(int, ::off64_t)>("ftruncate64")(file, bytes);
}
int flock(int file, int operation) {
  return fails("flock", file) ? -1 : real<int (*)(int, int)>("flock")(file, operation);
}
int rename(const char* from, const char* to) {
  return fails("rename", to) ? -1 : real<int (*)(const char*, const char*)>("rename")(from, to);
}
int unlink(const char* path) { return fails("unlink", path) ? -1 : real<int (*)(const char*)>("unlink")(path); }

}  // extern "C"
