// Spice trader: lots in the warehouse and their value in the customer's currency.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

type Lot struct {
	ID      int     `json:"id"`
	Spice   string  `json:"spice"`
	Origin  string  `json:"origin"`
	Kilos   float64 `json:"kilos"`
	USDKilo float64 `json:"usd_per_kilo"`
}

type Valuation struct {
	Currency string             `json:"currency"`
	Rate     float64            `json:"rate"`
	Source   string             `json:"source"`
	BySpice  map[string]float64 `json:"by_spice"`
	Total    float64            `json:"total"`
}

// Rates asks the exchange desks in their order until one answers.
type Rates struct {
	desks []string
	http  *http.Client
}

func newRates(base string) *Rates {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 24
	t.ResponseHeaderTimeout = 280 * time.Millisecond
	return &Rates{desks: []string{base + "/desk/zurich", base + "/desk/mumbai"}, http: &http.Client{Transport: t}}
}

func (r *Rates) ask(ctx context.Context, desk, currency string) (float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, desk+"/usd/"+currency, nil)
	if err != nil {
		return 0, err
	}
	res, err := r.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 200))
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", desk, res.Status)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
}

func (r *Rates) Of(ctx context.Context, currency string) (rate float64, source string, err error) {
	var failed []error
	for _, desk := range r.desks {
		rate, err := r.ask(ctx, desk, currency)
		if err == nil {
			return rate, desk[strings.LastIndexByte(desk, '/')+1:], nil
		}
		slog.Debug("rate", "desk", desk, "err", err)
		failed = append(failed, err)
	}
	return 0, "", errors.Join(failed...)
}

type Warehouse struct {
	lots  []Lot
	rates *Rates
}

func newWarehouse(rates *Rates) *Warehouse {
	w := &Warehouse{rates: rates}
	spices := []string{"cardamom", "cinnamon", "clove", "mace", "pepper", "saffron", "sumac", "turmeric"}
	for i := 0; i < 640; i++ {
		w.lots = append(w.lots, Lot{ID: i + 1, Spice: spices[i*7%8], Origin: []string{"Kerala", "Zanzibar", "Matale", "Khorasan"}[i%4],
			Kilos: 20 + float64(i*37%400), USDKilo: 2 + float64(i*13%90)/3})
	}
	return w
}

func (w *Warehouse) Value(ctx context.Context, origin, currency string) (*Valuation, error) {
	rate, source, err := w.rates.Of(ctx, currency)
	if err != nil {
		return nil, err
	}
	v := &Valuation{Currency: currency, Rate: rate, Source: source, BySpice: map[string]float64{}}
	for _, l := range w.lots {
		if origin != "" && l.Origin != origin {
			continue
		}
		worth := math.Round(l.Kilos*l.USDKilo*rate*100) / 100
		v.BySpice[l.Spice] += worth
		v.Total += worth
	}
	return v, nil
}

func (w *Warehouse) value(rw http.ResponseWriter, r *http.Request) {
	currency := strings.ToLower(r.PathValue("currency"))
	if len(currency) != 3 {
		http.Error(rw, "a currency has three letters", http.StatusBadRequest)
		return
	}
	v, err := w.Value(r.Context(), r.URL.Query().Get("origin"), currency)
	if err != nil {
		slog.Error("value", "err", err)
		http.Error(rw, "no rate", http.StatusBadGateway)
		return
	}
	reply(rw, v)
}

func (w *Warehouse) list(rw http.ResponseWriter, r *http.Request) {
	found := []Lot{}
	for _, l := range w.lots {
		if l.Spice == r.PathValue("spice") {
			found = append(found, l)
		}
	}
	reply(rw, found)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func main() {
	w := newWarehouse(newRates("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT")))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, "up\n") })
	mux.HandleFunc("GET /spices/{spice}/lots", w.list)
	mux.HandleFunc("GET /value/{currency}", w.value)
	slog.Error("end", "err", http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
	os.Exit(1)
}
