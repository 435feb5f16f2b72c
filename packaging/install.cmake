# `make install` and `make package`: the program, its libraries that Debian does not have, the models of set-up, the
# unit for systemd, manual pages and completions. The program finds all of it relative to itself, so the installed
# tree can lie anywhere.
set(libraries lib/steno)
set_target_properties(steno PROPERTIES INSTALL_RPATH "$ORIGIN/../${libraries}")
install(TARGETS steno RUNTIME DESTINATION bin)

# install_library(FILE NAME): without the symbolic links of development packages.
function(install_library file name)
  file(REAL_PATH ${file} real)
  install(FILES ${real} DESTINATION ${libraries} RENAME ${name})
endfunction()
install_library(${ort}/lib/libonnxruntime.so.1 libonnxruntime.so.1)
if(DEFINED ct2)
  file(GLOB ct2_files ${ct2}/lib/*.so.*)  # CTranslate2 and its OpenMP
  foreach(file ${ct2_files})
    get_filename_component(name ${file} NAME)
    install_library(${file} ${name})
  endforeach()
endif()

set(models share/steno/models)
install(FILES ${STENO_CACHE}/models/silero_vad_v6.onnx DESTINATION ${models})
install(DIRECTORY ${STENO_CACHE}/models/diarization ${STENO_CACHE}/models/base DESTINATION ${models})

set(packaging ${CMAKE_CURRENT_LIST_DIR})
install(FILES ${packaging}/steno.toml DESTINATION share/steno)
install(FILES ${packaging}/sysusers.conf DESTINATION lib/sysusers.d RENAME steno.conf)
install(FILES LICENSE NOTICE CHANGELOG.md docs/service.md docs/configuration.md docs/metrics.md
  DESTINATION share/doc/steno)
install(DIRECTORY ${STENO_CACHE}/licences DESTINATION share/doc/steno OPTIONAL)

# Needs the installed program. The paths are known only now.
install(CODE "
  set(root \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
  set(prefix \"\${CMAKE_INSTALL_PREFIX}\")
  if(prefix MATCHES _CPack_Packages)
    set(prefix /usr)
  endif()
  file(READ ${packaging}/steno.service unit)
  string(REPLACE @BIN@ \"\${prefix}/bin\" unit \"\${unit}\")
  file(WRITE \"\${root}/lib/systemd/system/steno.service\" \"\${unit}\")
  execute_process(COMMAND ${packaging}/libraries_of_debian.sh \"\${root}/bin/steno\" \"\${root}/${libraries}\"
    OUTPUT_VARIABLE depends COMMAND_ERROR_IS_FATAL ANY)
  file(READ ${packaging}/INSTALL.txt text)
  string(REPLACE @DEPENDS@ \"\${depends}\" text \"\${text}\")
  file(WRITE \"\${root}/share/doc/steno/INSTALL.txt\" \"\${text}\")
  execute_process(COMMAND ${packaging}/command_docs.py \"\${root}/bin/steno\" \"\${root}/share\"
    COMMAND_ERROR_IS_FATAL ANY)
")

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME steno)
set(CPACK_PACKAGE_VENDOR Steno)
set(CPACK_PACKAGE_CONTACT "the Steno developers <steno@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "self-hosted transcription: a command and a service")
set(CPACK_PACKAGE_DESCRIPTION "Steno turns recordings into timed text with speaker labels, on your own machines. It is a
command, and a service that accepts jobs over HTTP. The Whisper model base is included.")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES OFF)
set(CPACK_THREADS 0)
set(CPACK_PACKAGE_FILE_NAME steno_${PROJECT_VERSION}_amd64)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_SECTION sound)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, passwd")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/debian/postinst ${packaging}/debian/prerm
  ${packaging}/debian/postrm)
include(CPack)
