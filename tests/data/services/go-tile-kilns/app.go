// Tile kilns: recipes for glazes, and the stock of colours kept in step with the suppliers.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gammazero/workerpool"
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

type Kilns struct{ helpers *workerpool.WorkerPool }

// follow keeps one supplier's stock in step.
func (w *Kilns) follow(supplier int) {
	for n := 0; ; n++ {
		done := make(chan struct{})
		w.helpers.Submit(func() {
			defer close(done)
			if err := ask(context.Background(), fmt.Sprintf("/stock/%d/140", supplier)); err != nil {
				log.Print(err)
			}
		})
		<-done
		time.Sleep(15 * time.Millisecond)
	}
}

func (w *Kilns) recipe(rw http.ResponseWriter, r *http.Request) {
	answer := make(chan error, 1)
	w.helpers.Submit(func() { answer <- ask(r.Context(), "/mix/"+r.PathValue("lot")+"/20") })
	if err := <-answer; err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(rw, "{\"lot\": %q}\n", r.PathValue("lot"))
}

func main() {
	works := &Kilns{helpers: workerpool.New(5)}
	for supplier := range 14 {
		go works.follow(supplier)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /recipes/{lot}", works.recipe)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
