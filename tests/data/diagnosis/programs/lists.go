// Lists as caches keep them: one whose entries change places only, one that takes and drops
// entries all the time, and one that is too short for a cache.
package main

import (
	"container/list"
	"fmt"
	"time"
)

type box struct {
	n    int
	rest [4]int
}

var (
	kept    = list.New()
	turning = list.New()
	short   = list.New()
)

func use() {
	for kept.Len() > 0 {
		kept.MoveToFront(kept.Back())
		time.Sleep(50 * time.Microsecond)
	}
}

func put(n int) {
	turning.PushFront(&box{n: n})
	if turning.Len() > 200 {
		turning.Remove(turning.Back())
	}
}

//go:noinline
func fill() {
	for n := 0; ; n++ {
		put(n)
		time.Sleep(50 * time.Microsecond)
	}
}

func main() {
	for n := 0; n < 100; n++ {
		kept.PushBack(&box{n: n})
	}
	short.PushBack(1)
	go use()
	go fill()
	time.Sleep(200 * time.Millisecond)
	fmt.Println("ready")
	select {}
}
