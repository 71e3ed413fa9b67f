// A service with net/http/pprof for the recorder's tests: one hot function, one lock that is
// held while it sleeps, one place that allocates. Prints the port it listens at.
package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"time"
)

var (
	lock sync.Mutex
	kept [1024][]byte
	sink int
)

//go:noinline
func price(items int) int {
	sum := 1
	for i := 0; i < items; i++ {
		sum = (sum*31 + i) % 1000003
	}
	return sum
}

func reserve() {
	lock.Lock()
	defer lock.Unlock()
	time.Sleep(5 * time.Millisecond)
}

//go:noinline
func receipt(i int) {
	kept[i%len(kept)] = make([]byte, 32<<10)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	for worker := 0; worker < 4; worker++ {
		go func() {
			for {
				reserve()
			}
		}()
	}
	go func() {
		for i := 0; ; i++ {
			sink += price(200_000)
			receipt(i)
		}
	}()
	go func() { time.Sleep(30 * time.Minute); os.Exit(1) }() // should a test leave it behind
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
