# %% mine [markdown]
<script>alert("markdown")</script> <img src=x onerror="alert(1)"> [click](javascript:alert(2)) $\href{javascript:alert(3)}{x}$
