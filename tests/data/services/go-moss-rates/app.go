// Moss: its price, at the rate of the day that another service has.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

var client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func rateOf(kind string) (string, error) {
	answer, err := client.Get("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + "/rates/" + kind)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

func price(w http.ResponseWriter, r *http.Request) {
	rate, err := rateOf("sphagnum")
	if err != nil {
		http.Error(w, err.Error(), 502)
		return
	}
	fmt.Fprintln(w, rate)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/price", price)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
