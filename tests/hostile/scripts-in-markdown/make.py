def make(place):
    place.cell("essay-why")["source"] = "<script>alert('essay')</script>\n\n[x](javascript:alert(4)) {{ config }}"
    place.cell("essay-why")["attachments"] = {"x.svg": {"image/svg+xml": "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+"}}
    place.cell("sin_backward")["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>alert('saved output')</script>"}}
    ]
    place.notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": "<script>alert(5)"}}
    place.write()
