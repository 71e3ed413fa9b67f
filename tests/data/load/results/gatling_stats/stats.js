var stats = {
    type: "GROUP",
name: "All Requests",
path: "",
pathFormatted: "group_missing-name--1146707516",
stats: {
    "name": "All Requests",
    "numberOfRequests": {
        "total": "448",
        "ok": "207",
        "ko": "241"
    },
    "minResponseTime": {
        "total": "2",
        "ok": "3",
        "ko": "2"
    },
    "maxResponseTime": {
        "total": "346",
        "ok": "346",
        "ko": "83"
    },
    "meanResponseTime": {
        "total": "26",
        "ok": "18",
        "ko": "32"
    },
    "standardDeviation": {
        "total": "29",
        "ok": "31",
        "ko": "24"
    },
    "percentiles1": {
        "total": "13",
        "ok": "11",
        "ko": "38"
    },
    "percentiles2": {
        "total": "47",
        "ok": "18",
        "ko": "53"
    },
    "percentiles3": {
        "total": "62",
        "ok": "45",
        "ko": "68"
    },
    "percentiles4": {
        "total": "116",
        "ok": "95",
        "ko": "81"
    },
    "group1": {
    "name": "t < 800 ms",
    "htmlName": "t < 800 ms",
    "count": 207,
    "percentage": 46.205357142857146
},
    "group2": {
    "name": "800 ms <= t < 1200 ms",
    "htmlName": "t >= 800 ms <br> t < 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group3": {
    "name": "t >= 1200 ms",
    "htmlName": "t >= 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group4": {
    "name": "failed",
    "htmlName": "failed",
    "count": 241,
    "percentage": 53.79464285714286
},
    "meanNumberOfRequestsPerSecond": {
        "total": "26.35",
        "ok": "12.18",
        "ko": "14.18"
    }
},
contents: {
"group_buy-97926": {
          type: "GROUP",
name: "buy",
path: "buy",
pathFormatted: "group_buy-97926",
stats: {
    "name": "buy",
    "numberOfRequests": {
        "total": "112",
        "ok": "95",
        "ko": "17"
    },
    "minResponseTime": {
        "total": "10",
        "ok": "10",
        "ko": "11"
    },
    "maxResponseTime": {
        "total": "365",
        "ok": "365",
        "ko": "77"
    },
    "meanResponseTime": {
        "total": "35",
        "ok": "35",
        "ko": "36"
    },
    "standardDeviation": {
        "total": "44",
        "ok": "47",
        "ko": "23"
    },
    "percentiles1": {
        "total": "23",
        "ok": "23",
        "ko": "23"
    },
    "percentiles2": {
        "total": "38",
        "ok": "35",
        "ko": "55"
    },
    "percentiles3": {
        "total": "75",
        "ok": "69",
        "ko": "77"
    },
    "percentiles4": {
        "total": "288",
        "ok": "365",
        "ko": "77"
    },
    "group1": {
    "name": "t < 800 ms",
    "htmlName": "t < 800 ms",
    "count": 95,
    "percentage": 84.82142857142857
},
    "group2": {
    "name": "800 ms <= t < 1200 ms",
    "htmlName": "t >= 800 ms <br> t < 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group3": {
    "name": "t >= 1200 ms",
    "htmlName": "t >= 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group4": {
    "name": "failed",
    "htmlName": "failed",
    "count": 17,
    "percentage": 15.178571428571427
},
    "meanNumberOfRequestsPerSecond": {
        "total": "6.59",
        "ok": "5.59",
        "ko": "1"
    }
},
contents: {
"req_item-3242771": {
        type: "REQUEST",
        name: "item",
path: "buy / item",
pathFormatted: "req_buy---item-1338103614",
stats: {
    "name": "item",
    "numberOfRequests": {
        "total": "112",
        "ok": "112",
        "ko": "0"
    },
    "minResponseTime": {
        "total": "5",
        "ok": "5",
        "ko": "-"
    },
    "maxResponseTime": {
        "total": "346",
        "ok": "346",
        "ko": "-"
    },
    "meanResponseTime": {
        "total": "23",
        "ok": "23",
        "ko": "-"
    },
    "standardDeviation": {
        "total": "42",
        "ok": "42",
        "ko": "-"
    },
    "percentiles1": {
        "total": "11",
        "ok": "11",
        "ko": "-"
    },
    "percentiles2": {
        "total": "24",
        "ok": "24",
        "ko": "-"
    },
    "percentiles3": {
        "total": "50",
        "ok": "50",
        "ko": "-"
    },
    "percentiles4": {
        "total": "274",
        "ok": "274",
        "ko": "-"
    },
    "group1": {
    "name": "t < 800 ms",
    "htmlName": "t < 800 ms",
    "count": 112,
    "percentage": 100.0
},
    "group2": {
    "name": "800 ms <= t < 1200 ms",
    "htmlName": "t >= 800 ms <br> t < 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group3": {
    "name": "t >= 1200 ms",
    "htmlName": "t >= 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group4": {
    "name": "failed",
    "htmlName": "failed",
    "count": 0,
    "percentage": 0.0
},
    "meanNumberOfRequestsPerSecond": {
        "total": "6.59",
        "ok": "6.59",
        "ko": "-"
    }
}
    },"req_orders--1008770331": {
        type: "REQUEST",
        name: "orders",
path: "buy / orders",
pathFormatted: "req_buy---orders-1892245584",
stats: {
    "name": "orders",
    "numberOfRequests": {
        "total": "112",
        "ok": "95",
        "ko": "17"
    },
    "minResponseTime": {
        "total": "3",
        "ok": "3",
        "ko": "5"
    },
    "maxResponseTime": {
        "total": "37",
        "ok": "37",
        "ko": "29"
    },
    "meanResponseTime": {
        "total": "12",
        "ok": "12",
        "ko": "14"
    },
    "standardDeviation": {
        "total": "7",
        "ok": "7",
        "ko": "8"
    },
    "percentiles1": {
        "total": "10",
        "ok": "9",
        "ko": "10"
    },
    "percentiles2": {
        "total": "16",
        "ok": "15",
        "ko": "20"
    },
    "percentiles3": {
        "total": "28",
        "ok": "25",
        "ko": "29"
    },
    "percentiles4": {
        "total": "36",
        "ok": "37",
        "ko": "29"
    },
    "group1": {
    "name": "t < 800 ms",
    "htmlName": "t < 800 ms",
    "count": 95,
    "percentage": 84.82142857142857
},
    "group2": {
    "name": "800 ms <= t < 1200 ms",
    "htmlName": "t >= 800 ms <br> t < 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group3": {
    "name": "t >= 1200 ms",
    "htmlName": "t >= 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group4": {
    "name": "failed",
    "htmlName": "failed",
    "count": 17,
    "percentage": 15.178571428571427
},
    "meanNumberOfRequestsPerSecond": {
        "total": "6.59",
        "ok": "5.59",
        "ko": "1"
    }
}
    }
}

     },"req_checked-742313895": {
        type: "REQUEST",
        name: "checked",
path: "checked",
pathFormatted: "req_checked-742313895",
stats: {
    "name": "checked",
    "numberOfRequests": {
        "total": "112",
        "ok": "0",
        "ko": "112"
    },
    "minResponseTime": {
        "total": "35",
        "ok": "-",
        "ko": "35"
    },
    "maxResponseTime": {
        "total": "83",
        "ok": "-",
        "ko": "83"
    },
    "meanResponseTime": {
        "total": "55",
        "ok": "-",
        "ko": "55"
    },
    "standardDeviation": {
        "total": "9",
        "ok": "-",
        "ko": "9"
    },
    "percentiles1": {
        "total": "53",
        "ok": "-",
        "ko": "53"
    },
    "percentiles2": {
        "total": "57",
        "ok": "-",
        "ko": "57"
    },
    "percentiles3": {
        "total": "77",
        "ok": "-",
        "ko": "77"
    },
    "percentiles4": {
        "total": "80",
        "ok": "-",
        "ko": "80"
    },
    "group1": {
    "name": "t < 800 ms",
    "htmlName": "t < 800 ms",
    "count": 0,
    "percentage": 0.0
},
    "group2": {
    "name": "800 ms <= t < 1200 ms",
    "htmlName": "t >= 800 ms <br> t < 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group3": {
    "name": "t >= 1200 ms",
    "htmlName": "t >= 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group4": {
    "name": "failed",
    "htmlName": "failed",
    "count": 112,
    "percentage": 100.0
},
    "meanNumberOfRequestsPerSecond": {
        "total": "6.59",
        "ok": "-",
        "ko": "6.59"
    }
}
    },"req_broken--1380616235": {
        type: "REQUEST",
        name: "broken",
path: "broken",
pathFormatted: "req_broken--1380616235",
stats: {
    "name": "broken",
    "numberOfRequests": {
        "total": "112",
        "ok": "0",
        "ko": "112"
    },
    "minResponseTime": {
        "total": "2",
        "ok": "-",
        "ko": "2"
    },
    "maxResponseTime": {
        "total": "66",
        "ok": "-",
        "ko": "66"
    },
    "meanResponseTime": {
        "total": "12",
        "ok": "-",
        "ko": "12"
    },
    "standardDeviation": {
        "total": "14",
        "ok": "-",
        "ko": "14"
    },
    "percentiles1": {
        "total": "6",
        "ok": "-",
        "ko": "6"
    },
    "percentiles2": {
        "total": "15",
        "ok": "-",
        "ko": "15"
    },
    "percentiles3": {
        "total": "43",
        "ok": "-",
        "ko": "43"
    },
    "percentiles4": {
        "total": "65",
        "ok": "-",
        "ko": "65"
    },
    "group1": {
    "name": "t < 800 ms",
    "htmlName": "t < 800 ms",
    "count": 0,
    "percentage": 0.0
},
    "group2": {
    "name": "800 ms <= t < 1200 ms",
    "htmlName": "t >= 800 ms <br> t < 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group3": {
    "name": "t >= 1200 ms",
    "htmlName": "t >= 1200 ms",
    "count": 0,
    "percentage": 0.0
},
    "group4": {
    "name": "failed",
    "htmlName": "failed",
    "count": 112,
    "percentage": 100.0
},
    "meanNumberOfRequestsPerSecond": {
        "total": "6.59",
        "ok": "-",
        "ko": "6.59"
    }
}
    }
}

}

function fillStats(stat){
    $("#numberOfRequests").append(stat.numberOfRequests.total);
    $("#numberOfRequestsOK").append(stat.numberOfRequests.ok);
    $("#numberOfRequestsKO").append(stat.numberOfRequests.ko);

    $("#minResponseTime").append(stat.minResponseTime.total);
    $("#minResponseTimeOK").append(stat.minResponseTime.ok);
    $("#minResponseTimeKO").append(stat.minResponseTime.ko);

    $("#maxResponseTime").append(stat.maxResponseTime.total);
    $("#maxResponseTimeOK").append(stat.maxResponseTime.ok);
    $("#maxResponseTimeKO").append(stat.maxResponseTime.ko);

    $("#meanResponseTime").append(stat.meanResponseTime.total);
    $("#meanResponseTimeOK").append(stat.meanResponseTime.ok);
    $("#meanResponseTimeKO").append(stat.meanResponseTime.ko);

    $("#standardDeviation").append(stat.standardDeviation.total);
    $("#standardDeviationOK").append(stat.standardDeviation.ok);
    $("#standardDeviationKO").append(stat.standardDeviation.ko);

    $("#percentiles1").append(stat.percentiles1.total);
    $("#percentiles1OK").append(stat.percentiles1.ok);
    $("#percentiles1KO").append(stat.percentiles1.ko);

    $("#percentiles2").append(stat.percentiles2.total);
    $("#percentiles2OK").append(stat.percentiles2.ok);
    $("#percentiles2KO").append(stat.percentiles2.ko);

    $("#percentiles3").append(stat.percentiles3.total);
    $("#percentiles3OK").append(stat.percentiles3.ok);
    $("#percentiles3KO").append(stat.percentiles3.ko);

    $("#percentiles4").append(stat.percentiles4.total);
    $("#percentiles4OK").append(stat.percentiles4.ok);
    $("#percentiles4KO").append(stat.percentiles4.ko);

    $("#meanNumberOfRequestsPerSecond").append(stat.meanNumberOfRequestsPerSecond.total);
    $("#meanNumberOfRequestsPerSecondOK").append(stat.meanNumberOfRequestsPerSecond.ok);
    $("#meanNumberOfRequestsPerSecondKO").append(stat.meanNumberOfRequestsPerSecond.ko);
}
