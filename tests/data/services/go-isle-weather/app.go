// Weather of the isles: all are asked at once, and the one that tells is slow.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
)

func report(isle string) string {
	answer, err := http.Get("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + "/" + isle)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return string(body)
}

func reports(w http.ResponseWriter, r *http.Request) {
	isles := []string{"fair", "sandray", "mull", "staffa"}
	found := make([]string, len(isles))
	var all sync.WaitGroup
	for i, isle := range isles {
		all.Add(1)
		go func() {
			defer all.Done()
			found[i] = report(isle)
		}()
	}
	all.Wait()
	fmt.Fprintln(w, len(found))
}

func main() {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 64
	mux := http.NewServeMux()
	mux.HandleFunc("/reports", reports)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
