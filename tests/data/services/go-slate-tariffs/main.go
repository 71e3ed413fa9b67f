// Quotes for slates by quarry and size.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
)

const sizes = 210

type tariffKey struct {
	town string
	size int
}

type tariff struct {
	Size  int     `json:"size"`
	Price float64 `json:"price"`
}

type book struct {
	mu    sync.RWMutex
	known map[tariffKey]*tariff
}

func (b *book) remember(k tariffKey, t *tariff) {
	b.mu.Lock()
	if len(b.known) >= 64 {
		b.known = make(map[tariffKey]*tariff)
	}
	b.known[k] = t
	b.mu.Unlock()
}

func price(k tariffKey) float64 {
	sum := sha256.Sum256([]byte(k.town))
	for i := 0; i < 1500; i++ {
		binary.LittleEndian.PutUint32(sum[:], uint32(i*k.size))
		sum = sha256.Sum256(sum[:])
	}
	return float64(binary.LittleEndian.Uint16(sum[:])) / 100
}

func (b *book) tariffFor(town string, size int) *tariff {
	k := tariffKey{town, size}
	b.mu.RLock()
	t := b.known[k]
	b.mu.RUnlock()
	if t != nil {
		return t
	}
	t = &tariff{Size: size, Price: price(k)}
	b.remember(k, t)
	return t
}

func (b *book) quotes(w http.ResponseWriter, r *http.Request) {
	found := make([]*tariff, 0, sizes)
	for size := 0; size < sizes; size++ {
		found = append(found, b.tariffFor(r.PathValue("town"), size))
	}
	_ = json.NewEncoder(w).Encode(found)
}

func main() {
	b := &book{known: map[tariffKey]*tariff{}}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /quotes/{town}", b.quotes)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
