// A program without net/http/pprof, for the recorder by perf: one hot function for some seconds.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

//go:noinline
func price(items int) int {
	sum := 1
	for i := 0; i < items; i++ {
		sum = (sum*31 + i) % 1000003
	}
	return sum
}

func main() {
	seconds := 120
	if len(os.Args) > 1 {
		seconds, _ = strconv.Atoi(os.Args[1])
	}
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	sum := 0
	for time.Now().Before(end) {
		sum += price(100_000)
	}
	fmt.Println(sum)
}
