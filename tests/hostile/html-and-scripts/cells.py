# %% mine
print("<script>document.title = 'graded'</script><img src=x onerror=alert(1)><style>.points{display:none}</style>")
print("</pre></details></body><iframe src='https://example.org'></iframe><form action='//example.org'><base href='/'>")
raise ValueError("\"'><svg onload=alert(1)>")

# %% sin_backward
def sin_backward(grad_output, output, x):
    """<script>alert("in the source")</script> </pre><b>"""
    print("<img src=x onerror=alert(2)>")
    raise type("<u>Error</u>", (Exception,), {})("<script>alert(3)</script>")
