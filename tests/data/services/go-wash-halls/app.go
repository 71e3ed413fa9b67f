// Wash halls: which washers and dryers of a laundromat are running, and when the next one is free.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/julienschmidt/httprouter"
)

type API struct{ halls map[string]*Hall }

type hallHandler func(h *Hall, w http.ResponseWriter, r *http.Request, p httprouter.Params)

func (a *API) withHall(next hallHandler) httprouter.Handle {
	return func(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
		h, ok := a.halls[p.ByName("hall")]
		if !ok {
			http.Error(w, "no such hall", http.StatusNotFound)
			return
		}
		next(h, w, r, p)
	}
}

func showBoard(h *Hall, w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	reply(w, h.Board(r.URL.Query().Get("kind")))
}

func showMachine(h *Hall, w http.ResponseWriter, _ *http.Request, p httprouter.Params) {
	n, err := strconv.Atoi(p.ByName("machine"))
	if err != nil {
		http.Error(w, "a number is needed", http.StatusBadRequest)
		return
	}
	m, ok := h.Machine(n)
	if !ok {
		http.Error(w, "no such machine", http.StatusNotFound)
		return
	}
	reply(w, m)
}

func startMachine(h *Hall, w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	var order struct {
		Program string `json:"program"`
	}
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		http.Error(w, "a program is needed", http.StatusBadRequest)
		return
	}
	n, _ := strconv.Atoi(p.ByName("machine"))
	if err := h.Start(n, order.Program); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func main() {
	api := &API{halls: map[string]*Hall{}}
	for i, name := range []string{"station", "campus", "east"} {
		h := NewHall(name, 36+18*i)
		go h.follow(40 * time.Millisecond)
		api.halls[name] = h
	}
	r := httprouter.New()
	r.GET("/healthz", func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) { fmt.Fprintln(w, "ok") })
	r.GET("/halls/:hall/board", api.withHall(showBoard))
	r.GET("/halls/:hall/machines/:machine", api.withHall(showMachine))
	r.POST("/halls/:hall/machines/:machine/start", api.withHall(startMachine))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
