// Finds the moths that are most alike by their marks.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"
)

type scratch struct {
	seen map[string]int
}

var pool = sync.Pool{New: func() any { return &scratch{seen: make(map[string]int)} }}

func likeness(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		last := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			keep := row[j]
			if a[i-1] == b[j-1] {
				row[j] = last
			} else {
				row[j] = min(row[j], row[j-1], last) + 1
			}
			last = keep
		}
	}
	return row[len(b)]
}

func marks(i int) string {
	text := ""
	for k := 0; k < 14; k++ {
		text += fmt.Sprintf("%c%d", 'a'+(i*k)%26, (i+k*k)%97)
	}
	return text
}

var moths = func() []string {
	all := make([]string, 130)
	for i := range all {
		all[i] = marks(i)
	}
	return all
}()

func keys(w http.ResponseWriter, r *http.Request) {
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	clear(s.seen)
	for i, one := range moths {
		best := 1 << 20
		for _, other := range moths[:i] {
			best = min(best, likeness(one, other))
		}
		s.seen[one] = best
	}
	_ = json.NewEncoder(w).Encode(map[string]int{"kinds": len(s.seen)})
}

func main() {
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /keys/{region}", keys)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
