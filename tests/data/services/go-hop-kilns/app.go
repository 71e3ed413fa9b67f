// Hop kilns: batches that are weighed, beside the nightly checks of every floor.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gammazero/workerpool"
)

func weigh(path string) (int, error) {
	resp, err := http.Get("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + path)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	return int(n), err
}

func main() {
	hands := workerpool.New(3)
	check := func(floor int) {
		var all sync.WaitGroup
		for bin := range 4 {
			all.Add(1)
			hands.Submit(func() {
				defer all.Done()
				if _, err := weigh(fmt.Sprintf("/stock/%d/90", 10*floor+bin)); err != nil {
					log.Print(err)
				}
			})
		}
		all.Wait()
	}
	for floor := range 7 {
		go func() {
			for {
				check(floor)
				time.Sleep(5 * time.Millisecond)
			}
		}()
	}
	http.HandleFunc("GET /batches/{batch}", func(w http.ResponseWriter, r *http.Request) {
		var weights [2]int
		var both sync.WaitGroup
		for side := range weights {
			both.Add(1)
			hands.Submit(func() {
				defer both.Done()
				weights[side], _ = weigh(fmt.Sprintf("/mix/%s-%d/8", r.PathValue("batch"), side))
			})
		}
		both.Wait()
		fmt.Fprintln(w, weights)
	})
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
