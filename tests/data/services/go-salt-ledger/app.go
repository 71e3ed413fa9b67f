// Salt: sales go into a ledger on the disk.
package main

import (
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strings"
)

// post writes the lines of a sale into the day's ledger, each safe before the next.
func post(file *os.File, lines int) error {
	for i := 0; i < lines; i++ {
		if _, err := fmt.Fprintf(file, "%d salt %s\n", i, strings.Repeat("x", 2000)); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
	}
	return nil
}

func sell(w http.ResponseWriter, r *http.Request) {
	file, err := os.CreateTemp(".", "ledger-*")
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if err := post(file, 300); err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	fmt.Fprintln(w, "sold")
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/sell", sell)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
