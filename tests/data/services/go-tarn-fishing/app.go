// Fishing permits of a tarn: each is numbered in a register, with the fee of the day.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"time"
)

var client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

type register struct {
	mu     sync.Mutex
	number int
}

func (r *register) enter(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.number++
	time.Sleep(60 * time.Millisecond)
	return r.number
}

func feeOf(day string) (string, error) {
	answer, err := client.Get("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + "/fees/" + day)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

var permits register

func permit(w http.ResponseWriter, r *http.Request) {
	fee, err := feeOf("mon")
	if err != nil {
		http.Error(w, err.Error(), 502)
		return
	}
	fmt.Fprintln(w, permits.enter("guest"), fee)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/permit", permit)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
