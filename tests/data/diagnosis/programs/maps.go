// Maps as programs keep them: a cache of fewer places than keys, one that is dropped whole when it
// is full, a set that is cleared for each turn, state that is kept up to date, what is under way,
// and one that stays.
package main

import (
	"fmt"
	"time"
)

type key struct {
	name string
	n    int
}

type value struct{ n int }

type cache struct {
	held  map[string]*value
	order []string
}

func (c *cache) put(name string, v *value) {
	for len(c.held) >= 64 {
		delete(c.held, c.order[0])
		c.order = c.order[1:]
	}
	c.held[name] = v
	c.order = append(c.order, name)
}

//go:noinline
func (c *cache) get(n int) *value {
	name := fmt.Sprint("entry ", n%72)
	if v, ok := c.held[name]; ok {
		return v
	}
	v := work(n)
	c.put(name, v)
	return v
}

type whole struct{ held map[key]int }

//go:noinline
func (w *whole) get(n int) int {
	k := key{"whole", n % 150}
	if v, ok := w.held[k]; ok {
		return v
	}
	if len(w.held) >= 40 {
		w.held = make(map[key]int)
	}
	w.held[k] = work(n).n
	return n
}

type set struct{ seen map[int32]int64 }

//go:noinline
func (s *set) add(n int) {
	if n%80 == 0 {
		clear(s.seen)
	}
	if _, ok := s.seen[int32(n%80)]; !ok {
		s.seen[int32(n%80)] = int64(work(n).n)
	}
}

type state struct {
	last map[string]value
	busy map[int]time.Time
}

//go:noinline
func (s *state) update(n int) {
	s.busy[n%6] = time.Now()
	s.last[fmt.Sprint("place ", n%50)] = value{n}
	if n > 5 {
		delete(s.busy, (n-5)%6)
	}
}

//go:noinline
func work(n int) *value {
	until := time.Now().Add(100 * time.Microsecond)
	for time.Now().Before(until) {
		n++
	}
	return &value{n}
}

var (
	kept = map[string]int{}
	c    = &cache{held: map[string]*value{}}
	w    = &whole{held: map[key]int{}}
	s    = &set{seen: map[int32]int64{}}
	st   = &state{last: map[string]value{}, busy: map[int]time.Time{}}
)

func main() {
	for n := 0; n < 100; n++ {
		kept[fmt.Sprint("kept ", n)] = n
	}
	go func() {
		for n := 0; ; n++ {
			c.get(n)
			w.get(n)
			s.add(n)
			st.update(n)
			time.Sleep(20 * time.Microsecond)
		}
	}()
	time.Sleep(300 * time.Millisecond)
	fmt.Println("ready")
	select {}
}
