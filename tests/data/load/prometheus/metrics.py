"""Six hours of a shop's counters as OpenMetrics, known rates: made into Prometheus' own blocks."""
import random, sys
start=int(sys.argv[1])
r=random.Random(3)
ROUTES=[('GET','/products/{product_id}',50),('GET','/search',25),('GET','/users/<int:id>/orders',15),('POST','/cart',8),('GET','/healthz',2)]
ENDS=['0.005','0.01','0.025','0.05','0.1','0.25','0.5','1.0','+Inf']
SHARE=[.1,.25,.5,.75,.9,.97,.99,.999,1]
count={}; rows={}
bucket={}
for at in range(start,start+6*3600+1,15):
    hour=(at-start)/3600
    rate=4+ (16 if 3<=hour<3.2 else 0)   # a peak of 20/s for 12 minutes
    for m,p,w in ROUTES:
        n=rate*15*w/100
        for st,sh in (('200',.98),('500',.02)):
            k=f'http_requests_total{{method="{m}",handler="{p}",status="{st}"}}'
            count[k]=count.get(k,0)+n*sh; rows.setdefault(k,[]).append(f'{k} {count[k]:.3f} {at}')
        for e,s in zip(ENDS,SHARE):
            k=f'http_request_duration_seconds_bucket{{method="{m}",handler="{p}",le="{e}"}}'
            bucket[k]=bucket.get(k,0)+n*s; rows.setdefault(k,[]).append(f'{k} {bucket[k]:.3f} {at}')
        k=f'http_request_duration_seconds_count{{method="{m}",handler="{p}"}}'
        count[k]=count.get(k,0)+n; rows.setdefault(k,[]).append(f'{k} {count[k]:.3f} {at}')
        k=f'http_request_duration_seconds_sum{{method="{m}",handler="{p}"}}'
        count[k]=count.get(k,0)+n*.05; rows.setdefault(k,[]).append(f'{k} {count[k]:.3f} {at}')
print('# TYPE http_requests counter')
for k,v in rows.items():
    if k.startswith('http_requests_total'): print('\n'.join(v))
print('# TYPE http_request_duration_seconds histogram')
for m,p,w in ROUTES:
    for k,v in rows.items():
        if k.startswith('http_request_duration') and f'handler="{p}"' in k: print('\n'.join(v))
print('# EOF')
