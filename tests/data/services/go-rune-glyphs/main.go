// Runes of inscriptions, each with the outline that a stone mason cuts.
package main

import (
	"container/list"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"net/http"
	"os"
	"sync"
)

const runes = 900

type outline struct {
	rune  int
	edges []float64
}

type Recent struct {
	mu    sync.Mutex
	room  int
	order *list.List
	known map[int]*list.Element
}

func NewRecent(room int) *Recent {
	return &Recent{room: room, order: list.New(), known: map[int]*list.Element{}}
}

func (c *Recent) Get(n int) (*outline, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.known[n]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*outline), true
}

func (c *Recent) Put(o *outline) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.known[o.rune]; ok {
		return
	}
	c.known[o.rune] = c.order.PushFront(o)
	if c.order.Len() > c.room {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.known, last.Value.(*outline).rune)
	}
}

func carve(n int) *outline {
	edges := make([]float64, 360)
	for i := range edges {
		depth := 0.0
		for k := 1; k < 40; k++ {
			depth += math.Sin(float64(n*k+i)) / float64(k)
		}
		edges[i] = depth
	}
	return &outline{n, edges}
}

func (c *Recent) outlineOf(n int) *outline {
	if o, ok := c.Get(n); ok {
		return o
	}
	o := carve(n)
	c.Put(o)
	return o
}

func main() {
	recent := NewRecent(512)
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/inscription", func(w http.ResponseWriter, r *http.Request) {
		length := 0.0
		for n := 0; n < runes; n++ {
			for _, edge := range recent.outlineOf(n).edges {
				length += math.Abs(edge)
			}
		}
		json.NewEncoder(w).Encode(map[string]float64{"length": length})
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
