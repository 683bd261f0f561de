from ravyn import Ravyn

app = Ravyn()
