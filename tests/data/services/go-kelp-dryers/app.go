// Kelp dryers: lots with their moisture, and sensors that are read again and again.
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

type Dryers struct{ readers, askers *workerpool.WorkerPool }

// follow keeps one sensor read.
func (w *Dryers) follow(sensor int) {
	for n := 0; ; n++ {
		done := make(chan struct{})
		w.readers.Submit(func() {
			defer close(done)
			if err := ask(context.Background(), fmt.Sprintf("/stock/%d/140", sensor)); err != nil {
				log.Print(err)
			}
		})
		<-done
		time.Sleep(15 * time.Millisecond)
	}
}

func (w *Dryers) lot(rw http.ResponseWriter, r *http.Request) {
	answer := make(chan error, 1)
	w.askers.Submit(func() { answer <- ask(r.Context(), "/mix/"+r.PathValue("lot")+"/260") })
	if err := <-answer; err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(rw, "{\"lot\": %q}\n", r.PathValue("lot"))
}

func main() {
	works := &Dryers{readers: workerpool.New(5), askers: workerpool.New(24)}
	for sensor := range 14 {
		go works.follow(sensor)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /lots/{lot}", works.lot)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
