# Compiler options of the whole tree. Warnings are errors; generated code is exempt (Rooms.cmake).
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

set(ONGGI_SANITIZE "" CACHE STRING "comma list for -fsanitize=, empty for none")
option(ONGGI_FUZZ "build the libFuzzer targets instead of the programs" OFF)

find_program(ONGGI_CCACHE ccache)
if(ONGGI_CCACHE)
  # Precompiled headers and __TIME__ need these; base_dir makes two checkouts share one cache.
  set(launcher "${CMAKE_COMMAND}" -E env
      "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" "CCACHE_NOHASHDIR=1"
      "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
      "${ONGGI_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

add_compile_options(-Wall -Wextra -Werror -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside its own std::string and std::variant at -O2 (GCC bugs 105651, 105562).
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-dangling-pointer -Wno-array-bounds)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wthread-safety)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")

if(ONGGI_SANITIZE)
  add_compile_options("-fsanitize=${ONGGI_SANITIZE}" -fno-sanitize-recover=all)
  add_link_options("-fsanitize=${ONGGI_SANITIZE}")
else()
  add_compile_options(-fstack-protector-strong -fcf-protection)
  add_compile_options($<$<CONFIG:RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
  add_compile_options($<$<CONFIG:RelWithDebInfo>:-D_GLIBCXX_ASSERTIONS>)
  add_link_options(-Wl,-z,now -Wl,-z,relro)
endif()
if(EXISTS /usr/lib/llvm-14/bin/ld.lld AND NOT ONGGI_SANITIZE)
  add_link_options(-fuse-ld=lld -B/usr/lib/llvm-14/bin)
endif()
