// Package shop is timed and profiled by the recorder's tests: a hot function, a place that
// allocates, a lock.
package shop

import "sync"

var (
	lock sync.Mutex
	sink []byte
	sold int
)

//go:noinline
func price(items int) int {
	sum := 1
	for i := 0; i < items; i++ {
		sum = (sum*31 + i) % 1000003
	}
	return sum
}

// Total prices items and writes a receipt.
func Total(items int, names []string) int {
	sink = make([]byte, 4096+len(names))
	return price(items)
}

func sell(items int) {
	lock.Lock()
	defer lock.Unlock()
	sold += price(items)
}
