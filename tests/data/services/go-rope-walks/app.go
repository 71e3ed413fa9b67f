// Ropery: the strength of ropes, asked of the testing house; orders are polled beside.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/panjf2000/ants/v2"
)

var client = &http.Client{Timeout: 8 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func ask(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+os.Getenv("UPSTREAM_PORT")+path, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

type Ropery struct{ hands *ants.Pool }

func (r *Ropery) do(task func() error) error {
	done := make(chan error, 1)
	if err := r.hands.Submit(func() { done <- task() }); err != nil {
		return err
	}
	return <-done
}

func (r *Ropery) poll(buyer int) {
	for {
		if err := r.do(func() error { return ask(context.Background(), fmt.Sprintf("/orders/%d/200", buyer)) }); err != nil {
			log.Print(err)
		}
	}
}

func (r *Ropery) strength(w http.ResponseWriter, q *http.Request) {
	err := r.do(func() error { return ask(q.Context(), "/strength/"+q.PathValue("rope")+"/320") })
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(w, "{\"rope\": %q}\n", q.PathValue("rope"))
}

func main() {
	hands, err := ants.NewPool(40)
	if err != nil {
		log.Fatal(err)
	}
	ropery := &Ropery{hands: hands}
	for buyer := range 5 {
		go ropery.poll(buyer)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ropes/{rope}", ropery.strength)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
