// Sluice levels: tells the skippers on a canal how the sluices stand.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/julienschmidt/httprouter"
	"github.com/panjf2000/ants/v2"
)

type api struct {
	canal *Canal
	tasks *ants.Pool
}

type forecast struct {
	Sluice string    `json:"sluice"`
	Level  float64   `json:"level"`
	Next   []float64 `json:"next"`
}

func (a *api) getForecast(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	s, ok := a.canal.sluices[p.ByName("sluice")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	done := make(chan forecast, 1)
	if err := a.tasks.Submit(func() { done <- s.forecast(12) }); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(<-done)
}

func main() {
	tasks, err := ants.NewPool(8, ants.WithExpiryDuration(time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	defer tasks.Release()
	canal := newCanal(24)
	canal.watch(context.Background(), tasks)

	a := &api{canal: canal, tasks: tasks}
	r := httprouter.New()
	r.GET("/healthz", func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) { w.Write([]byte("ok\n")) })
	r.GET("/sluices/:sluice/forecast", a.getForecast)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
