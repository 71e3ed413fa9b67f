// One costly pattern at a time, or its innocent look-alike: `patterns PATTERN SECONDS`.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

static std::vector<std::string> words;
static long sink;

__attribute__((noinline)) void regex_compile() {
  for (int i = 0; i < 50; i++)
    if (std::regex_match("order-word5", std::regex("^(\\w+)-" + words[i] + "[a-z]*$"))) sink++;
}
__attribute__((noinline)) void growth() {
  for (int round = 0; round < 20; round++) {
    std::vector<std::string> all;
    for (auto &word : words) all.push_back(word + " and a text that is too long to be kept inside");
    sink += all.size();
  }
}
__attribute__((noinline)) void map_growth() {
  std::unordered_map<long, long> all;
  for (long i = 0; i < 200000; i++) all[i * 7] = i;
  sink += all.size();
}
__attribute__((noinline)) int parsed(const std::string &word) {
  try {
    return std::stoi(word);
  } catch (const std::invalid_argument &bad) {
    return std::strlen(bad.what());
  }
}
__attribute__((noinline)) void exceptions() {
  for (auto &word : words) sink += parsed(word);
}
__attribute__((noinline)) void copies() {
  for (int i = 0; i < 20; i++) {
    std::vector<std::string> all = words;
    sink += all.size();
  }
}
__attribute__((noinline)) void sort_in_loop() {
  std::vector<std::string> all = words;
  for (int i = 0; i < 10; i++) {
    std::reverse(all.begin(), all.end());
    std::sort(all.begin(), all.end());
    sink += all[0].size();
  }
}
__attribute__((noinline)) void streams() {
  for (auto &word : words) {
    std::ostringstream out;
    out << word << " of " << sink;
    sink += out.str().size();
  }
}
__attribute__((noinline)) void innocent() {
  long found = 0;
  for (long i = 0; i < 3000000; i++) found = (found * 31 + i) % 1000003;
  std::vector<std::string> all;
  all.reserve(words.size());
  for (auto &word : words) all.push_back(word);
  sink += found + all.size();
}

int main(int count, char **given) {
  for (int i = 0; i < 3000; i++) words.push_back("word" + std::to_string(i));
  std::map<std::string, std::function<void()>> patterns = {
      {"regex_compile", regex_compile}, {"growth", growth}, {"map_growth", map_growth},
      {"exceptions", exceptions}, {"copies", copies}, {"sort_in_loop", sort_in_loop},
      {"streams", streams}, {"innocent", innocent}};
  auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(atof(given[2]));
  while (std::chrono::steady_clock::now() < end) patterns[given[1]]();
  return sink == 42;
}
