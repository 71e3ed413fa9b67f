// A parish: the roll of its people, in order, marked and packed.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sort"
	"strings"
	"time"
)

type person struct {
	Name  string `json:"name"`
	Born  string `json:"born"`
	House string `json:"house"`
	Mark  string `json:"mark"`
}

var roll []person

func folded(ps []person) []person {
	out := make([]person, len(ps))
	for i, p := range ps {
		p.Name = strings.ToUpper(strings.TrimSpace(p.Name))
		p.House = strings.ReplaceAll(strings.ToLower(p.House), " ", "-")
		out[i] = p
	}
	return out
}

func ordered(ps []person) []person {
	sort.Slice(ps, func(i, j int) bool { return ps[i].Name < ps[j].Name })
	return ps
}

func ages(ps []person) map[int]int {
	found := map[int]int{}
	for _, p := range ps {
		if t, err := time.Parse("2006-01-02", p.Born); err == nil {
			found[2020-t.Year()]++
		}
	}
	return found
}

func marked(ps []person) []person {
	for i := range ps {
		sum := sha256.Sum256([]byte(ps[i].Name + ps[i].Born + ps[i].House))
		ps[i].Mark = hex.EncodeToString(sum[:6])
	}
	return ps
}

func houses(ps []person) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.Name + "|" + p.Born + "|" + p.House + "\n")
	}
	return b.String()
}

func packed(text string) int {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	z.Write([]byte(text))
	z.Close()
	return b.Len()
}

func parish(w http.ResponseWriter, r *http.Request) {
	ps := marked(ordered(folded(roll)))
	years := ages(ps)
	size := packed(houses(ps))
	body, _ := json.Marshal(ps)
	w.Header().Set("X-Years", fmt.Sprint(len(years), " ", size))
	w.Write(body)
}

func main() {
	for i := 0; i < 24000; i++ {
		roll = append(roll, person{
			Name: fmt.Sprintf(" Person %d of %d ", i*7919%24000, i), Born: fmt.Sprintf("19%02d-%02d-%02d", i%100, 1+i%12, 1+i%28),
			House: fmt.Sprintf("Lane End %d North", i%700),
		})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/parish", parish)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
