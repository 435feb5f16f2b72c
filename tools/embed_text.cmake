# cmake -DFILES=a;b -DOUTPUT=x.inc -P embed_text.cmake: one line `{"NAME", R"...(TEXT)..."},` a file.
set(table "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND table "{\"${name}\", R\"steno(${text})steno\"},\n")
endforeach()
file(WRITE ${OUTPUT} "${table}")
