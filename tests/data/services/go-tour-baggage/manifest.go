package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

type ctxKey string

const (
	keyLocale  ctxKey = "locale"
	keyTariff  ctxKey = "tariff"
	keyAirline ctxKey = "airline"
	keyPiece   ctxKey = "piece"
)

// Hall is the place where a tour's baggage is put together: everything that the steps below have to know travels
// in its context.
type Hall struct {
	mu  sync.Mutex
	ctx context.Context
}

func NewHall(locale string, t Tariff, airline string) *Hall {
	ctx := context.WithValue(context.Background(), keyLocale, locale)
	ctx = context.WithValue(ctx, keyTariff, t)
	ctx = context.WithValue(ctx, keyAirline, airline)
	return &Hall{ctx: ctx}
}

// note puts a value where later steps find it.
func (h *Hall) note(key ctxKey, v any) context.Context {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ctx = context.WithValue(h.ctx, key, v)
	return h.ctx
}

// Piece is one bag with its printed tag.
type Piece struct {
	Tour  string
	Seat  int
	Grams int
	Tag   []byte
}

type Line struct {
	Tag    string  `json:"tag"`
	Seat   int     `json:"seat"`
	Kilos  float64 `json:"kilos"`
	Fee    float64 `json:"fee"`
	Remark string  `json:"remark"`
}

// Manifest weighs, prices and tags the bags of a tour, seat by seat.
func (h *Hall) Manifest(tour *Tour, vehicle string, rows int) []Line {
	lines := make([]Line, 0, rows)
	for i, bag := range tour.Bags {
		if i == rows {
			break
		}
		p := &Piece{Tour: tour.ID, Seat: bag.Seat, Grams: bag.Grams}
		ctx := h.note(keyPiece, p)
		p.Tag = printTag(ctx, vehicle)
		lines = append(lines, Line{
			Tag: fmt.Sprintf("%s-%03d", tour.ID, bag.Seat), Seat: bag.Seat, Kilos: float64(bag.Grams) / 1000,
			Fee: fee(ctx), Remark: remark(ctx),
		})
	}
	return lines
}

func fee(ctx context.Context) float64 {
	t := ctx.Value(keyTariff).(Tariff)
	p := ctx.Value(keyPiece).(*Piece)
	over := p.Grams - t.FreeGrams
	if over <= 0 {
		return 0
	}
	return float64((over+999)/1000) * t.PerKilo
}

func remark(ctx context.Context) string {
	p := ctx.Value(keyPiece).(*Piece)
	t := ctx.Value(keyTariff).(Tariff)
	if p.Grams <= t.HeavyGrams {
		return ""
	}
	switch ctx.Value(keyLocale).(string) {
	case "de":
		return "Schweres Gepäck"
	case "fr":
		return "bagage lourd"
	}
	return "heavy"
}

// printTag draws the tag's raster: the header, a code of bars and the seat.
func printTag(ctx context.Context, vehicle string) []byte {
	p := ctx.Value(keyPiece).(*Piece)
	const width, height = 112, 72
	out := make([]byte, width*height)
	text := fmt.Sprintf("%s %s %03d %s", ctx.Value(keyAirline), strings.ToUpper(vehicle), p.Seat, p.Tour)
	for row := 0; row < height; row++ {
		for col := 0; col < width; col++ {
			bit := text[(col/3)%len(text)] >> (col % 7) & 1
			if row < 8 || row > height-8 {
				bit = 1 - bit
			}
			out[row*width+col] = bit * 255
		}
	}
	return out
}
