// Tops: how far they spin.
package main

import (
	"fmt"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
)

func spin(n int) float64 {
	sum := 0.0
	for i := 1; i < n; i++ {
		sum += math.Sqrt(float64(i)) / float64(i+1)
	}
	return sum
}

func spins(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%.3f\n", spin(900000)) }

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/spins", spins)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
