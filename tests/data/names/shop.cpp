#include <vector>
#include <map>
#include <string>
#include <functional>
#include <memory>
#include <algorithm>
#include <iostream>
#include <thread>
#include <regex>
#include <optional>
#include <variant>
#include <tuple>
namespace shop { namespace { struct Secret { int run(int) const; }; int Secret::run(int x) const { return x * 3; } int helper(double d) { return (int)d; } }
template <typename T, int N> struct Grid { T cells[N]; T sum(const T (&other)[N]) const; template <class F> auto each(F f) -> decltype(f(cells[0])); };
template <typename T, int N> T Grid<T, N>::sum(const T (&other)[N]) const { T t{}; for (auto& c : cells) t += c; return t + other[0]; }
template <typename T, int N> template <class F> auto Grid<T, N>::each(F f) -> decltype(f(cells[0])) { return f(cells[0]); }
class Order { public: Order(int id, std::string name); ~Order(); bool operator<(const Order& o) const; operator bool() const; Order& operator+=(int); int (*callback(int (*f)(int)))(int); static void* operator new(size_t); int id; std::string name; void touch() &&; };
Order::Order(int id, std::string name) : id(id), name(std::move(name)) {} Order::~Order() {} bool Order::operator<(const Order& o) const { return id < o.id; } Order::operator bool() const { return id; } Order& Order::operator+=(int x) { id += x; return *this; } int (*Order::callback(int (*f)(int)))(int) { return f; } void* Order::operator new(size_t n) { return malloc(n); } void Order::touch() && {}
int total(const std::vector<Order>& orders, std::function<int(const Order&)> price) { int t = 0; auto add = [&](int x) mutable { t += x; return [x](double y) { return x * y; }; }; for (auto& o : orders) t += (int)add(price(o))(2.0); return t; }
template <class... A> int count(A&&... a) { return sizeof...(a); }
template <bool B, unsigned U, long L> void flags() {}
int member(int (Order::*p)(int), int Order::*q, char* const* volatile v, const char (&text)[4], int&& r, long double z, unsigned long long w, std::nullptr_t) { return 1; }
enum class Color { red }; template <Color C> void paint() {}
extern "C++" int operator""_km(unsigned long long x) { return (int)x; }
std::variant<int, std::string> pick(std::optional<std::map<std::string, std::vector<int>>> m, std::tuple<int, std::unique_ptr<Order>> t) { static int once = helper(1.5); return once; }
}
int main() { using namespace shop; Secret s; Grid<double, 3> g{}; double o[3]{}; g.sum(o); g.each([](double d) { return d + 1; }); count(1, "x", 2.0); flags<true, 7u, -3>(); paint<Color::red>(); member(nullptr, nullptr, nullptr, "abc", 1, 1, 1, nullptr); std::vector<Order> v; v.emplace_back(1, "a"); std::sort(v.begin(), v.end(), [](const Order& a, const Order& b) { return a.id > b.id; }); std::regex re("a+"); std::cout << std::regex_match("aaa", re) << total(v, [](const Order& o) { return o.id; }) << s.run(2); std::thread th([] { std::cout << 1_km; }); th.join(); pick({}, {}); return 0; }
