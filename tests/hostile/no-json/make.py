def make(place):
    place.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Type/Catalog>> endobj <script>alert(1)</script>")
