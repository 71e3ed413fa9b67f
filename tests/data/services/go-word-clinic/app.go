// Spelling: the nearest word of a list.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
)

var words []string

// distance is the number of edits between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		last := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			up := row[j]
			cost := last
			if a[i-1] != b[j-1] {
				cost++
			}
			row[j] = min(cost, up+1, row[j-1]+1)
			last = up
		}
	}
	return row[len(b)]
}

func nearest(word string) (string, int) {
	best, least := "", 1<<30
	for _, w := range words {
		if d := distance(word, w); d < least {
			best, least = w, d
		}
	}
	return best, least
}

func suggest(w http.ResponseWriter, r *http.Request) {
	best, edits := nearest(r.URL.Query().Get("word"))
	json.NewEncoder(w).Encode(map[string]any{"word": best, "edits": edits})
}

func main() {
	rnd := rand.New(rand.NewSource(5))
	for i := 0; i < 60000; i++ {
		b := make([]byte, 9+rnd.Intn(8))
		for k := range b {
			b[k] = byte('a' + rnd.Intn(26))
		}
		words = append(words, string(b))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/suggest", suggest)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
