def make(place):
    place.cell("sin_backward")["source"] += '\nhalf = "\ud800"\ndef \udfff(): pass'
    place.cell("exp_backward")["source"] += '\nprint("\\ud83d", "\ud83d")'
    place.cell("text-opening")["source"] = "\udc80" * 10
    place.cell("sin_backward")["source"] = place.cell("sin_backward")["source"].replace("\ndef \udfff(): pass", "")
    place.cell("multiplications")["metadata"]["\ud800"] = "\udfff"
    place.write()
