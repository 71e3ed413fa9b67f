// Hedge surveys: the species of a hedge are asked of the herbarium, and its age is reckoned.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"

	"github.com/valyala/fasthttp"
)

type Survey struct {
	Hedge   string   `json:"hedge"`
	Species []string `json:"species"`
}

type Herbarium struct {
	base   string
	client fasthttp.Client
}

func (h *Herbarium) Species(hedge string) (Survey, error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	var s Survey
	req.SetRequestURI(h.base + "/species?hedge=" + hedge)
	if err := h.client.DoTimeout(req, resp, 10*time.Second); err != nil {
		return s, fmt.Errorf("herbarium: %w", err)
	}
	return s, json.Unmarshal(resp.Body(), &s)
}

func (h *Herbarium) age(w http.ResponseWriter, r *http.Request) {
	survey, err := h.Species(r.PathValue("hedge"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"survey": survey, "years": 110*len(survey.Species) + 30})
}

func main() {
	h := &Herbarium{base: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT")}
	h.client.MaxConnsPerHost = 2
	h.client.MaxConnWaitTimeout = 10 * time.Second
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	http.HandleFunc("GET /hedges/{hedge}", h.age)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
