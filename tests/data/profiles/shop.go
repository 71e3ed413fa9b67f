// A small shop with one hot function (price, inlined helpers, recursion), a lock, a wait and
// allocations. Writes the profiles of runtime/pprof into the current folder.
package main

import (
	"context"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"
)

var (
	lock  sync.Mutex
	stock = map[int]int{}
	kept  [][]byte
)

func step(x int) int { return (x*31 + 7) % 1000003 } // small enough to be inlined

func price(items int) int {
	sum := 1
	for i := 0; i < items; i++ {
		sum = step(sum + i)
	}
	return sum
}

//go:noinline
func discount(depth, items int) int {
	if depth == 0 {
		return price(items)
	}
	return discount(depth-1, items) + 1
}

type order struct{ lines []int }

//go:noinline
func (o *order) total() int {
	return discount(4, 200_000) + len(o.lines)
}

func reserve(id int) {
	lock.Lock()
	defer lock.Unlock()
	time.Sleep(2 * time.Millisecond)
	stock[id%10]++
}

func receipts(n int) {
	for i := 0; i < n; i++ {
		kept = append(kept, make([]byte, 64<<10))
	}
}

func save(name string) {
	file, err := os.Create(name + ".pb.gz")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	if err := pprof.Lookup(name).WriteTo(file, 0); err != nil {
		panic(err)
	}
}

func main() {
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	cpu, err := os.Create("cpu.pb.gz")
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		panic(err)
	}
	end := time.Now().Add(3 * time.Second)
	var group sync.WaitGroup
	for worker := 0; worker < 3; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; time.Now().Before(end); i++ {
				reserve(i)
			}
		}()
	}
	for time.Now().Before(end) {
		labels := pprof.Labels("endpoint", "/checkout")
		pprof.Do(context.Background(), labels, func(context.Context) { (&order{}).total() })
		if len(kept) < 400 {
			receipts(8)
		}
	}
	save("goroutine")
	group.Wait()
	pprof.StopCPUProfile()
	cpu.Close()
	runtime.GC()
	for _, name := range []string{"heap", "allocs", "mutex", "block"} {
		save(name)
	}
}
