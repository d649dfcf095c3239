# %% mine
print("{{ 1111111 * 7 }} {% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %} {# #}")
print("{page.student} {0.__class__} %(levelname)s %s $HOME `id` $(id) ${{ secrets.GITHUB_TOKEN }}")

# %% sin_backward
def sin_backward(grad_output, output, x):
    """{{ 1111111 * 7 }}"""
    raise ValueError("{{ 1111111 * 7 }} {% include '/etc/passwd' %} {page.__class__.__init__.__globals__}")
