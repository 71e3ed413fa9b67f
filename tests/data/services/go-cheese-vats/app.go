// Dairy: probes in the vats send their readings, which are kept for the inspector.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

type Reading struct {
	ID    uint `gorm:"primarykey"`
	Vat   int  `gorm:"index"`
	Probe string
	PH    float64
	At    time.Time
}

type Journal struct{ db *gorm.DB }

func (j *Journal) addReading(r Reading) error { return j.db.Create(&r).Error }

// Keep keeps the readings of a probe.
func (j *Journal) Keep(vat int, probe string, ph []float64) (int, error) {
	at := time.Now().Add(-time.Duration(len(ph)) * time.Second)
	for i, value := range ph {
		if err := j.addReading(Reading{Vat: vat, Probe: probe, PH: value, At: at.Add(time.Duration(i) * time.Second)}); err != nil {
			return i, err
		}
	}
	return len(ph), nil
}

func main() {
	db, err := gorm.Open(sqlite.Open("file:vats.db?_busy_timeout=15000&_txlock=immediate"), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		log.Fatal(err)
	}
	if err := db.AutoMigrate(&Reading{}); err != nil {
		log.Fatal(err)
	}
	journal := &Journal{db}
	http.HandleFunc("GET /up", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("up\n")) })
	http.HandleFunc("POST /vats/{vat}/readings", func(w http.ResponseWriter, r *http.Request) {
		var sent struct {
			PH    []float64 `json:"ph"`
			Probe string    `json:"probe"`
		}
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil || len(sent.PH) > 600 {
			http.Error(w, "not readings", http.StatusBadRequest)
			return
		}
		vat, _ := strconv.Atoi(r.PathValue("vat"))
		kept, err := journal.Keep(vat, sent.Probe, sent.PH)
		if err != nil {
			log.Print(err)
			http.Error(w, "not kept", http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(map[string]int{"kept": kept})
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
