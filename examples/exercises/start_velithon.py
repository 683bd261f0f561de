from velithon import Velithon

app = Velithon()
